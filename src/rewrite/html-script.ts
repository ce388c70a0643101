import { type BlockContent, elementText, NO_CONTENT, type ScriptKind } from './html-block.ts'
import { importMap } from './import-map.ts'
import type { Draft } from './lines.ts'
import type { MappedText } from './mapped-text.ts'
import { moduleReferences } from './module.ts'
import { structuredData } from './structured-data.ts'
import { within } from './within.ts'

/** The references found in an inline script, import map or JSON-LD. */
export function scriptContent(kind: ScriptKind, text: MappedText): BlockContent {
  const place = (draft: Draft): Draft => ({ ...draft, place: `<script> ${draft.place}` })
  const inText = (drafts: readonly Draft[], wrap: (inner: string) => string): Draft[] =>
    drafts.map((draft) => place(within(text, draft, (inner) => elementText(text)(wrap(inner)))))
  if (kind === 'import-map') {
    const { references, keys } = importMap(text.text)
    return { ...NO_CONTENT, drafts: inText(references, escapeTag), importMapKeys: keys }
  }
  if (kind === 'data') {
    return { ...NO_CONTENT, drafts: inText(structuredData(text.text), escapeTag), isGuarded: false }
  }
  const { references, lookups, unknown } = moduleReferences(text.text)
  return { ...NO_CONTENT, drafts: inText(references, (code) => code), opaque: whyOpaque(unknown ?? lookups) }
}

const whyOpaque = (reason: string | undefined): string | undefined =>
  reason === undefined ? undefined : `of an inline script: ${reason}`

/** In JSON; so that no `</script` can arise. */
const escapeTag = (json: string): string => json.replaceAll('<', '\\u003c')
