import narrow from '../images/light-320.png'
import wide from '../images/light-640.png'
import './tonight.css'

export function show(view) {
  view.innerHTML = `
    <h1>Tonight</h1>
    <img class="hero" src="${narrow}" srcset="${narrow} 320w, ${wide} 640w" sizes="(min-width: 46rem) 640px, 100vw"
      width="640" height="320" alt="The lighthouse at dusk">
    <p>Lamp lit at dusk, wind from the west, nothing in sight.</p>`
}
