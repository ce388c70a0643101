// How things are said.

/** `40 s`, `12 min`, `3 h`, `2 d`. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 120) return `${whole} s`
  if (whole < 7200) return `${Math.round(whole / 60)} min`
  return whole < 172_800 ? `${Math.round(whole / 3600)} h` : `${Math.round(whole / 86_400)} d`
}

/** Both in ISO 8601; `now` by the clock of whoever looked. */
export function ago(at, now) {
  const seconds = (Date.parse(now) - Date.parse(at)) / 1000
  return Number.isFinite(seconds) ? `${duration(seconds)} ago` : ''
}

/** `in 3 h`, `2 min ago`. */
export function until(at, now) {
  const seconds = (Date.parse(at) - Date.parse(now)) / 1000
  return seconds >= 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`
}

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`

export const money = (dollars) => `$${dollars.toFixed(dollars > 0 && dollars < 0.1 ? 4 : 2)}`

/** `3.2 a second`, `14 a minute`. */
export function rate(perSecond) {
  if (!(perSecond > 0)) return ''
  const [count, unit] = perSecond >= 1 ? [perSecond, 'second'] : [perSecond * 60, 'minute']
  return `${count >= 10 ? Math.round(count) : count.toFixed(1)} a ${unit}`
}

/** What an error says, why, and what to do. */
export const errorText = ({ code, message, subject, why, hint }) =>
  [`${code} ${message}`, subject, why, hint].filter(Boolean).join('\n')
