/**
 * Characters to encode in an invalidation path: those that RFC 1738 calls unsafe, non-ASCII ones, and those that would
 * end the path. With any other encoded, CloudFront would not find the file.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
 */
const ENCODED = /[^\x21-\x7e]|[<>"#%{}|\\^~[\]`?]/u

/** A path as CloudFront writes it: `/a%20b%40c~` is `/a%20b@c%7E`. */
export function cloudFrontPath(path: string): string {
  const plain = path
    .replace(/%([0-7][0-9a-f])/gi, (code, digits: string) => {
      const char = String.fromCharCode(Number.parseInt(digits, 16))
      return char === '/' || ENCODED.test(char) ? code.toUpperCase() : char
    })
    .replace(/%[89a-f][0-9a-f]/gi, (code) => code.toUpperCase())
    .replace(/[^\x21-\x7e]|[<>"{}|\\^~[\]`#?]/gu, encoded)
  // A `*` stands for anything and only at the end: a name with one in it is covered by what precedes it.
  const star = plain.indexOf('*')
  return star === -1 ? plain : plain.slice(0, star + 1)
}

/** `encodeURIComponent` leaves `~`. */
const encoded = (char: string): string => (char === '~' ? '%7E' : encodeURIComponent(char))
