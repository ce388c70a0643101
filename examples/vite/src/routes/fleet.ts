import type { Route } from '../main.ts'
import './fleet.css'

const ships = [
  { name: 'Ada', boxes: 2140 },
  { name: 'Grace', boxes: 3650 },
  { name: 'Radia', boxes: 1180 },
]

/** The other way to name a file: resolved against this module, wherever it is served from. */
const picture = new URL('../images/ship.png', import.meta.url).href

export const route: Route = {
  show(view) {
    const cards = ships.map(
      ({ name, boxes }) => `
        <li class="card">
          <img src="${picture}" width="240" height="160" alt="">
          <h2>${name}</h2>
          <p>${boxes} containers</p>
        </li>`,
    )
    view.innerHTML = `<h1>The fleet</h1><ul class="fleet">${cards.join('')}</ul>`
    return undefined
  },
}
