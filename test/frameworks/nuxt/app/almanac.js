export const nextTide = () => 'a quarter past four'
