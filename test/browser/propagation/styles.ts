import type { Places, PropagationCase } from './case.ts'
import { BOX, FACE, FONT, HALF, LIME, PARTS, page, sheet } from './files.ts'

const cdn = (...paths: string[]): Places => ({ cdn: paths, origin: [] })
const origin = (...paths: string[]): Places => ({ cdn: [], origin: paths })

export const STYLE_CASES: readonly PropagationCase[] = [
  {
    name: 'a font in a style sheet',
    files: {
      'index.html': page(sheet('css/site.css')),
      'css/site.css': `${FACE}${BOX}#box{background:url(../img/lime.svg)}`,
      ...FONT,
      ...LIME,
    },
    shows: 'lime lime',
    fonts: ['Stencil loaded'],
    places: {
      'without CORS': origin('css/site.css', 'fonts/stencil.ttf', 'img/lime.svg'),
      'without CORS, site named': { cdn: ['css/site.css', 'img/lime.svg'], origin: ['fonts/stencil.ttf'] },
      'with CORS': cdn('css/site.css', 'fonts/stencil.ttf', 'img/lime.svg'),
      'on a path': cdn('css/site.css', 'fonts/stencil.ttf', 'img/lime.svg'),
    },
  },
  {
    name: 'a sprite',
    files: {
      'index.html': page(
        sheet('css/site.css'),
        '<svg id="box"><use href="img/parts.svg#shape"/></svg><img src="img/lime.svg" alt="">',
      ),
      'css/site.css': BOX,
      ...PARTS,
      ...LIME,
    },
    shows: 'lime lime',
    places: {
      'without CORS': { cdn: ['css/site.css', 'img/lime.svg'], origin: ['img/parts.svg'] },
      'without CORS, site named': { cdn: ['css/site.css', 'img/lime.svg'], origin: ['img/parts.svg'] },
      'with CORS': { cdn: ['css/site.css', 'img/lime.svg'], origin: ['img/parts.svg'] },
      'on a path': cdn('css/site.css', 'img/lime.svg', 'img/parts.svg'),
    },
  },
  {
    name: 'a filter in a style sheet',
    files: {
      'index.html': page(sheet('css/site.css'), '<div id="box"></div><img src="img/lime.svg" alt="">'),
      'css/site.css': `${BOX}#box{filter:url(../img/parts.svg#filter)}`,
      ...PARTS,
      ...LIME,
    },
    shows: 'lime lime',
    places: {
      'without CORS': { cdn: ['img/lime.svg'], origin: ['css/site.css', 'img/parts.svg'] },
      'without CORS, site named': { cdn: ['css/site.css', 'img/lime.svg'], origin: ['img/parts.svg'] },
      'with CORS': { cdn: ['img/lime.svg'], origin: ['css/site.css', 'img/parts.svg'] },
      'on a path': cdn('css/site.css', 'img/lime.svg', 'img/parts.svg'),
    },
  },
  {
    name: 'a mask in a style sheet',
    files: {
      'index.html': page(sheet('css/site.css')),
      'css/site.css': `${BOX}#box{background:lime;mask-image:url(../img/half.svg)}`,
      ...HALF,
    },
    shows: 'lime white',
    places: {
      'without CORS': origin('css/site.css', 'img/half.svg'),
      'without CORS, site named': { cdn: ['css/site.css'], origin: ['img/half.svg'] },
      'with CORS': cdn('css/site.css', 'img/half.svg'),
      'on a path': cdn('css/site.css', 'img/half.svg'),
    },
  },
  {
    name: 'a chain of imports with a font at its end',
    files: {
      'index.html': page(sheet('css/a.css')),
      'css/a.css': `@import "more/b.css";${BOX}`,
      'css/more/b.css': '@import url(c.css);#box{background:lime}',
      'css/more/c.css': FACE.replace('../', '../../'),
      ...FONT,
    },
    fonts: ['Stencil loaded'],
    places: {
      'without CORS': origin('css/a.css', 'css/more/b.css', 'css/more/c.css', 'fonts/stencil.ttf'),
      'without CORS, site named': {
        cdn: ['css/a.css', 'css/more/b.css', 'css/more/c.css'],
        origin: ['fonts/stencil.ttf'],
      },
      'with CORS': cdn('css/a.css', 'css/more/b.css', 'css/more/c.css', 'fonts/stencil.ttf'),
      'on a path': cdn('css/a.css', 'css/more/b.css', 'css/more/c.css', 'fonts/stencil.ttf'),
    },
  },
  {
    name: 'a style sheet that one which stays imports',
    files: {
      'index.html': page(sheet('css/site.css')),
      'css/site.css': `@import "box.css";${FACE}`,
      'css/box.css': `${BOX}#box{background:url(../img/lime.svg)}`,
      ...FONT,
      ...LIME,
    },
    shows: 'lime lime',
    fonts: ['Stencil loaded'],
    places: {
      'without CORS': origin('css/box.css', 'css/site.css', 'fonts/stencil.ttf', 'img/lime.svg'),
      'without CORS, site named': {
        cdn: ['css/box.css', 'css/site.css', 'img/lime.svg'],
        origin: ['fonts/stencil.ttf'],
      },
      'with CORS': cdn('css/box.css', 'css/site.css', 'fonts/stencil.ttf', 'img/lime.svg'),
      'on a path': cdn('css/box.css', 'css/site.css', 'fonts/stencil.ttf', 'img/lime.svg'),
    },
  },
  {
    name: 'a picture in a custom property that another style sheet uses',
    files: {
      'index.html': page(sheet('css/names.css') + sheet('css/uses.css')),
      'css/names.css': ':root{--picture:url(../img/lime.svg)}',
      'css/uses.css': `${BOX}#box{background:var(--picture)}`,
      ...LIME,
    },
    shows: 'lime lime',
    places: {
      'without CORS': cdn('css/names.css', 'css/uses.css', 'img/lime.svg'),
      'without CORS, site named': cdn('css/names.css', 'css/uses.css', 'img/lime.svg'),
      'with CORS': cdn('css/names.css', 'css/uses.css', 'img/lime.svg'),
      'on a path': cdn('css/names.css', 'css/uses.css', 'img/lime.svg'),
    },
  },
  {
    name: 'a picture in a custom property that the page uses',
    page: 'pages/index.html',
    files: {
      'pages/index.html': page(sheet('../css/names.css'), '<div id="box" style="background:var(--picture)"></div>'),
      'css/names.css': `${BOX}:root{--picture:url(../img/lime.svg)}`,
      ...LIME,
    },
    shows: 'lime lime',
    places: {
      'without CORS': cdn('css/names.css', 'img/lime.svg'),
      'without CORS, site named': cdn('css/names.css', 'img/lime.svg'),
      'with CORS': cdn('css/names.css', 'img/lime.svg'),
      'on a path': cdn('css/names.css', 'img/lime.svg'),
    },
  },
]
