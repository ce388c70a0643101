import { FILES } from '../matrix/files.ts'

/** Files of a small site, by path. */
export type SiteFiles = Readonly<Record<string, string | Buffer>>

const bodyOf = (name: string): string | Buffer => FILES[name]?.body ?? ''

export const LIME: SiteFiles = { 'img/lime.svg': bodyOf('lime.svg') }
/** Its drawing has a shape, a filter, a mask and a clip path, as `#shape`, `#filter`, ... */
export const PARTS: SiteFiles = { 'img/parts.svg': bodyOf('parts.svg') }
export const HALF: SiteFiles = { 'img/half.svg': bodyOf('half.svg') }
export const FONT: SiteFiles = { 'fonts/stencil.ttf': bodyOf('font.ttf') }

export const FACE = '@font-face{font-family:Stencil;src:url(../fonts/stencil.ttf)}p{font-family:Stencil}'
export const BOX = '#box{position:absolute;left:0;top:0;width:40px;height:40px;background:red}'

/** A page whose box lies in the corner; scripts write what they have to say into `#said`. */
export function page(head: string, body = '<div id="box"></div>'): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Case</title><link rel="icon" href="data:,">${head}${body}<p id="said">Text</p></html>`
}

export const sheet = (href: string): string => `<link rel="stylesheet" href="${href}">`

/** A statement that writes into the page. */
export const say = (what: string): string => `document.getElementById('said').textContent = ${what}`
