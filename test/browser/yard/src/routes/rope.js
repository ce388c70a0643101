import script from '../workers/strands.js?address'

export function show(view) {
  view.innerHTML = '<h1>Rope</h1><p id="status">Counting strands ...</p>'
  const worker = new Worker(script, { type: 'module' })
  worker.addEventListener('message', ({ data }) => {
    view.querySelector('#status').textContent = `Worked out beside the page: ${data} strands.`
  })
  worker.postMessage({ yarns: 7, turns: 3 })
  return () => worker.terminate()
}
