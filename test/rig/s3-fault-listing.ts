import type { Effect } from './s3-fault-effects.ts'
import type { ListingFault } from './s3-faults.ts'
import type { S3Answer, S3Call } from './s3-protocol.ts'

const ROW = /<Contents>.*?<\/Contents>/g
const TOKEN = /<NextContinuationToken>.*?<\/NextContinuationToken>/

/** What goes wrong with a page of a listing. */
const CHANGES: Readonly<Record<ListingFault, (xml: string, call: S3Call) => string>> = {
  // Its keys are missing; the page after it follows as ever.
  'drop-page': (xml) => xml.replace(ROW, '').replace(/<KeyCount>\d+</, '<KeyCount>0<'),
  // More follows, but not where.
  'no-token': (xml) => truncated(xml).replace(TOKEN, ''),
  // The page that was asked for is named as the next one. The first page has no name, and stays.
  'same-token': (xml, { query }) => {
    const token = query.get('continuation-token')
    return token === null ? xml : withToken(truncated(xml), token)
  },
  // It says that it is the last one, although more follows.
  'end-page': (xml) => xml.replace(TOKEN, '').replace('<IsTruncated>true<', '<IsTruncated>false<'),
  unordered: (xml) => {
    const rows = (xml.match(ROW) ?? []).reverse()
    return xml.replace(ROW, () => rows.shift() ?? '')
  },
  duplicate: (xml) => xml.replace(/<Contents>.*?<\/Contents>/, (row) => row + row),
}

export const LISTING_FAULTS: Readonly<Record<ListingFault, Partial<Effect>>> = {
  'drop-page': changing('drop-page'),
  'no-token': changing('no-token'),
  'same-token': changing('same-token'),
  'end-page': changing('end-page'),
  unordered: changing('unordered'),
  duplicate: changing('duplicate'),
}

function changing(name: ListingFault): Partial<Effect> {
  const answer = (given: S3Answer, call: S3Call): S3Answer => {
    const { body } = given
    if (call.op !== 'ListObjectsV2' || typeof body !== 'string') return given
    return { ...given, body: CHANGES[name](body, call) }
  }
  return { answer }
}

function truncated(xml: string): string {
  return xml.replace('<IsTruncated>false<', '<IsTruncated>true<')
}

function withToken(xml: string, token: string): string {
  const element = `<NextContinuationToken>${token}</NextContinuationToken>`
  return TOKEN.test(xml) ? xml.replace(TOKEN, element) : xml.replace('</ListBucketResult>', `${element}$&`)
}
