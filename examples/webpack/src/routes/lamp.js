import sprite from '../images/sprite.svg'
import './lamp.css'

export function show(view) {
  view.innerHTML = `
    <h1>The lamp</h1>
    <svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><use href="${sprite}#lamp"></use></svg>
    <p id="status">Counting flashes ...</p><ol class="flashes"></ol>`
  const worker = new Worker(new URL('../workers/flashes.js', import.meta.url))
  worker.addEventListener('message', ({ data }) => fill(view, data))
  worker.postMessage({ minutes: 2 })
  return () => worker.terminate()
}

function fill(view, flashes) {
  view.querySelector('.flashes').replaceChildren(
    ...flashes.map((second) => {
      const item = document.createElement('li')
      item.textContent = `${second} s`
      return item
    }),
  )
  view.querySelector('#status').textContent = `Worked out beside the page: ${flashes.length} flashes.`
}
