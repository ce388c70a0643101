import ship from '../images/ship.png'

export function show(view) {
  view.innerHTML = `
    <h1>The crane</h1>
    <p class="card"><img src="${ship}" width="240" height="160" alt="A ship">It lifts twelve tons.</p>`
}
