// The year in the footer, and a light in the header while the quay is open.
for (const element of document.querySelectorAll('[data-year]')) element.textContent = String(new Date().getFullYear())

const sign = document.querySelector('#open')
if (sign) {
  const hour = new Date().getHours()
  sign.textContent = hour >= 6 && hour < 22 ? 'The quay is open.' : 'The quay opens at six.'
}
