import './main.css'

/** Each route is a chunk of its own: `show(view)` fills it and returns what to undo. */
const routes = {
  '/': () => import('./routes/slip.js'),
  '/crane': () => import('./routes/crane.js'),
  '/rope': () => import('./routes/rope.js'),
}

const view = document.querySelector('#view')
let leave

async function show() {
  const path = location.hash.slice(1) || '/'
  const route = await (routes[path] ?? routes['/'])()
  leave?.()
  view.replaceChildren()
  leave = route.show(view)
  view.dataset.route = path
}

window.addEventListener('hashchange', show)
show()
