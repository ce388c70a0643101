import narrow from '../images/harbour-320.png'
import wide from '../images/harbour-640.png'

export function show(view) {
  view.innerHTML = `
    <h1>On the slip</h1>
    <img src="${narrow}" srcset="${narrow} 320w, ${wide} 640w" sizes="640px" width="640" height="320" alt="The harbour">
    <div class="wave" role="presentation"></div>
    <p>One hull, half planked.</p>`
}
