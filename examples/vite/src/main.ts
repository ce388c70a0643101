import './main.css'

/** A page of the application: fills the view and returns what to undo when it is left. */
export interface Route {
  show(view: HTMLElement): (() => void) | undefined
}

/** Each route is a chunk of its own, with its own style sheet. */
const routes: Record<string, () => Promise<{ route: Route }>> = {
  '/': () => import('./routes/today.ts'),
  '/fleet': () => import('./routes/fleet.ts'),
  '/tides': () => import('./routes/tides.ts'),
}

const view = document.querySelector<HTMLElement>('#view')
let leave: (() => void) | undefined

async function show(): Promise<void> {
  const path = location.hash.slice(1) || '/'
  const load = routes[path] ?? routes['/']
  if (!view || !load) return
  const { route } = await load()
  leave?.()
  view.replaceChildren()
  leave = route.show(view)
  view.dataset.route = path
}

window.addEventListener('hashchange', () => void show())
void show()
