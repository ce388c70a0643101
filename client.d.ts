/** `lading/client`: the types of `virtual:lading`. The plugins' option `types` adds the files that exist. */
declare module 'virtual:lading' {
  /** One key for each file that is served as it is, `/logo.png`; filled by the file that `types` writes. */
  export interface LadingFiles {}

  /** A path below the folder of public files; any, as long as no file says which there are. */
  export type AssetPath = [keyof LadingFiles] extends [never]
    ? string
    : keyof LadingFiles | `${keyof LadingFiles}${'?' | '#'}${string}`

  /** The address of a file that is served as it is: of its copy in the store, or its own. */
  export function assetUrl(path: AssetPath): string
}
