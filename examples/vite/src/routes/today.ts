import narrow from '../images/harbour-320.png'
import wide from '../images/harbour-640.png'
import type { Route } from '../main.ts'
import './today.css'

export const route: Route = {
  show(view) {
    view.innerHTML = `
      <h1>In port today</h1>
      <img class="hero" src="${narrow}" srcset="${narrow} 320w, ${wide} 640w" sizes="(min-width: 46rem) 640px, 100vw"
        width="640" height="320" alt="A container ship leaving the harbour">
      <div class="wave" role="presentation"></div>
      <p>One ship alongside, two expected before the evening tide.</p>`
    return undefined
  },
}
