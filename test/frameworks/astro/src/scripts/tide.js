// A chunk of its own, which the one that imports it has to find.
const { nextTide } = await import('./almanac.js')
const place = document.querySelector('#tide')
if (place) place.textContent = nextTide()
