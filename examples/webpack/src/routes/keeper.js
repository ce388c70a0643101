import './keeper.css'

const picture = new URL('../images/keeper.png', import.meta.url).href

export function show(view) {
  view.innerHTML = `
    <h1>The keeper</h1>
    <figure class="keeper"><img src="${picture}" width="240" height="160" alt=""><figcaption>On watch since 1907.</figcaption></figure>`
}
