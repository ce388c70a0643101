import { CODE } from './characters.ts'

/** An open bracket. */
export interface Frame {
  /** The code of what closes it. */
  readonly close: number
  /** A function's name in lower case; '' for other brackets. */
  readonly name: string
  /** A parenthesis that is not that of `url()` or `src()`. */
  readonly isPlainParen: boolean
  /** A block inside a custom property's value: that value goes on in it and after it. */
  readonly isCustom: boolean
  /** The lexer's count at the opening: the next token is its first. */
  readonly openedAt: number
}

export const URL_FUNCTIONS: ReadonlySet<string> = new Set(['url', 'src'])

const RULE: Frame = { close: CODE.closeCurly, name: '', isPlainParen: false, isCustom: false, openedAt: 0 }
const CUSTOM: Frame = { ...RULE, isCustom: true }

/** The stack of open brackets. Every query takes constant time, whatever the depth. */
export class CssNesting {
  /** The innermost. */
  frame: Frame | undefined
  /** Open parentheses that are not those of `url()` or `src()`. */
  parens = 0
  private readonly stack: Frame[] = []
  /** The at-rule of each open block, '' of another rule's. */
  private readonly blocks: string[] = []

  /** Not within parentheses or square brackets. */
  get isInItem(): boolean {
    return this.frame === undefined || this.frame.close === CODE.closeCurly
  }

  /** The at-rule whose block is the innermost; '' of another rule's, undefined outside of blocks. */
  get block(): string | undefined {
    return this.blocks.at(-1)
  }

  open(close: number, name: string, openedAt: number): void {
    const isPlainParen = close === CODE.closeParen && !URL_FUNCTIONS.has(name)
    if (isPlainParen) this.parens += 1
    this.push({ close, name, isPlainParen, isCustom: false, openedAt })
  }

  openBlock(atRule: string, isCustom: boolean): void {
    this.blocks.push(atRule)
    this.push(isCustom ? CUSTOM : RULE)
  }

  private push(frame: Frame): void {
    this.stack.push(frame)
    this.frame = frame
  }

  /**
   * A closing bracket that does not match the innermost open one is part of its content.
   * @returns whether that ends a declaration or rule
   */
  shut(close: number): boolean {
    const { frame } = this
    if (frame && frame.close !== close) return false
    this.stack.pop()
    this.frame = this.stack.at(-1)
    if (frame?.isPlainParen) this.parens -= 1
    if (close !== CODE.closeCurly) return false
    this.blocks.pop()
    return !frame?.isCustom
  }
}
