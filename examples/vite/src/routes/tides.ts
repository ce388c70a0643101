import type { Route } from '../main.ts'
import type { Tide } from '../workers/tides.ts'
import './tides.css'

export const route: Route = {
  show(view) {
    view.innerHTML = '<h1>Tides</h1><p id="status">Counting the waves ...</p><ol class="tides"></ol>'
    const worker = new Worker(new URL('../workers/tides.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }: MessageEvent<readonly Tide[]>) => fill(view, data))
    worker.postMessage({ hours: 12 })
    return () => worker.terminate()
  },
}

function fill(view: HTMLElement, tides: readonly Tide[]): void {
  const list = view.querySelector('.tides')
  const status = view.querySelector('#status')
  list?.replaceChildren(
    ...tides.map(({ hour, metres }) => {
      const item = document.createElement('li')
      item.style.setProperty('--level', `${Math.round(metres * 20)}%`)
      item.textContent = `${String(hour).padStart(2, '0')}:00  ${metres.toFixed(2)} m`
      return item
    }),
  )
  if (status) status.textContent = `Worked out beside the page: ${tides.length} hours.`
}
