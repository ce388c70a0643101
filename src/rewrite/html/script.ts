import { importMap } from '../json/import-map.ts'
import { structuredData } from '../json/structured-data.ts'
import type { Draft } from '../lines.ts'
import type { MappedText } from '../markup/mapped-text.ts'
import { moduleReferences } from '../script/module.ts'
import { within } from '../within.ts'
import { type BlockContent, elementText, NO_CONTENT, type ScriptKind } from './block.ts'

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
