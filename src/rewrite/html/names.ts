/** Elements without content. https://html.spec.whatwg.org/multipage/syntax.html#void-elements, and what passes for them */
export const VOID: ReadonlySet<string> = new Set(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr'.split(' '),
)

/** Elements whose content is text up to their end tag. https://html.spec.whatwg.org/multipage/parsing.html#parsing-html-fragments */
export const RAW_TEXT: ReadonlySet<string> = new Set(
  'script style textarea title xmp iframe noembed noframes'.split(' '),
)

/** Inside these, an SVG holds HTML again. */
export const SVG_HTML: ReadonlySet<string> = new Set(['foreignObject', 'desc', 'title'])
/** Inside these, MathML holds HTML again. https://html.spec.whatwg.org/multipage/parsing.html#mathml-text-integration-point */
export const MATH_HTML: ReadonlySet<string> = new Set(['mi', 'mo', 'mn', 'ms', 'mtext'])

/** A start tag of these ends SVG and MathML. https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign */
export const BREAKS_OUT: ReadonlySet<string> = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var'
  ).split(' '),
)

/** Names of SVG that are not in lower case. https://html.spec.whatwg.org/multipage/parsing.html#adjusting-svg-tag-names */
const SVG_CASE: ReadonlyMap<string, string> = new Map(
  (
    'altGlyph altGlyphDef altGlyphItem animateColor animateMotion animateTransform clipPath feBlend feColorMatrix ' +
    'feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow ' +
    'feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset ' +
    'fePointLight feSpecularLighting feSpotLight feTile feTurbulence foreignObject glyphRef linearGradient ' +
    'radialGradient textPath'
  )
    .split(' ')
    .map((name) => [name.toLowerCase(), name]),
)

/** An element's name in SVG's own spelling. */
export const svgName = (name: string): string => SVG_CASE.get(name) ?? name
