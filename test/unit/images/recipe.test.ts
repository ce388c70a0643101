import { describe, expect, it } from 'vitest'
import { defineRecipe, findRecipe } from '../../../src/images/plan/define-recipe.ts'
import { operationsFor, receiptKeyOf, recipeId, variantKeyOf, withEffort } from '../../../src/images/plan/recipe.ts'

const opsOf = (...given: Parameters<typeof operationsFor>) => operationsFor(...given).map(({ op }) => op)

describe('a recipe has one name', () => {
  it('however it is written: order, repetition and defaults change nothing', () => {
    const written = defineRecipe({ formats: { jpeg: { quality: 75 }, avif: {} }, widths: [960, 320, 320] })
    expect(recipeId(written)).toBe(recipeId(defineRecipe({ widths: [320, 960] })))
    const same = defineRecipe({ formats: { avif: { widths: [1920, 320, 640, 960, 1280] }, jpeg: { widths: [1280] } } })
    expect(recipeId(same)).toBe(recipeId(defineRecipe({})))
    expect(recipeId(written)).toMatch(/^r1-[0-9a-f]{12}$/)
  })

  it('that never changes for a preset: what is stored under it stays found', () => {
    expect(recipeId(findRecipe('web'))).toBe('r1-d23acce649a1')
    expect(opsOf(findRecipe('web'), 'opaque')).toEqual(['b7bed36d93', '81ee9cc6b7'])
  })

  it.each([
    { widths: [320] },
    { minSaving: 0.2 },
    { formats: { jpeg: {} } },
    { formats: { avif: { effort: 3 }, jpeg: {} } },
    { transparent: { quality: 60 } },
    { animation: { maxFrames: 10 } },
  ])('and another with %j', (input) => {
    expect(recipeId(defineRecipe(input))).not.toBe(recipeId(defineRecipe({})))
  })
})

describe('an operation is named by what changes its variant', () => {
  const web = defineRecipe({})
  it.each([
    ['the quality of another format', { formats: { avif: { quality: 40 }, jpeg: {} } }, [false, true]],
    ['its own effort', { formats: { avif: { effort: 2 }, jpeg: {} } }, [false, true]],
    ['what is dropped', { minSaving: 0.5 }, [true, true]],
    ['narrower widths', { widths: [100, 1920] }, [true, true]],
    ['the widest, from which the others are shrunk', { widths: [320, 1280] }, [false, false]],
  ])('%s', (_what, input, same) => {
    const [was, is] = [opsOf(web, 'opaque'), opsOf(defineRecipe(input), 'opaque')]
    expect(is.map((op, index) => op === was[index])).toEqual(same)
  })

  it('a transparent image gets WebP in place of JPEG, an animation WebP alone', () => {
    expect(operationsFor(web, 'transparent').map(({ format }) => format)).toEqual(['avif', 'webp'])
    expect(operationsFor(web, 'animated')).toMatchObject([{ format: 'webp', isAnimated: true }])
    const both = defineRecipe({ formats: { webp: {}, jpeg: {} } })
    expect(operationsFor(both, 'transparent').map(({ format }) => format)).toEqual(['webp'])
  })

  it('a lower effort is another operation, and never a higher one', () => {
    const slow = defineRecipe({ formats: { avif: { effort: 9 }, jpeg: {} } })
    expect(opsOf(withEffort(slow, 1), 'opaque')).toEqual(opsOf(web, 'opaque'))
    expect(withEffort(defineRecipe({ formats: { avif: { effort: 0 } } }), 1).encodings[0]?.effort).toBe(0)
  })
})

it('keys are known from source and recipe alone', () => {
  const sha256 = 'ab'.repeat(32)
  expect(variantKeyOf(sha256, { op: '0123456789', format: 'jpeg' }, 640)).toBe(
    'v/ab/abababababababababababab/0123456789-640.jpg',
  )
  expect(receiptKeyOf(sha256, 'r1-0123456789ab')).toBe('v/ab/abababababababababababab/r1-0123456789ab.json')
})

describe('what is not known is refused', () => {
  it.each([
    [{ width: [1] }, 'unknown option r.width', 'Did you mean "widths"?'],
    [{ formats: { avi: {} } }, 'unknown option r.formats.avi', 'Did you mean "avif"?'],
    [{ formats: { avif: { qualty: 1 } } }, 'unknown option r.formats.avif.qualty', 'Did you mean "quality"?'],
    [{ animation: { maxFrame: 1 } }, 'unknown option r.animation.maxFrame', 'Did you mean "maxFrames"?'],
    [{ colour: 1 }, 'unknown option r.colour', 'It takes widths, formats, transparent, animation, minSaving.'],
    [{ widths: [] }, 'r.widths: expected a list of widths in pixels, got []', undefined],
    [{ widths: [0] }, 'r.widths: expected a whole number from 1 to 16383, got 0', undefined],
    [{ formats: {} }, 'r.formats: expected at least one of avif, webp and jpeg, got {}', undefined],
    [
      { formats: { jpeg: { effort: 1 } } },
      'r.formats.jpeg.effort: expected a whole number from 0 to 0, got 1',
      undefined,
    ],
    [{ minSaving: 1 }, 'r.minSaving: expected a share from 0 to 0.9, got 1', undefined],
    [
      { formats: { jpeg: { widths: [1.5] } } },
      'r.formats.jpeg.widths: expected a whole number from 1 to 16383, got 1.5',
      undefined,
    ],
    [{ transparent: 5 }, 'r.transparent: expected an object, got 5', undefined],
  ])('%j', (input, message, hint) => {
    expect(() => defineRecipe(input as never, 'r')).toThrow(
      expect.objectContaining({ message, hint, code: 'E_CONFIG' }),
    ) // as a user without types writes it
  })

  it('a name that no recipe has, with the one that was meant', () => {
    expect(() => findRecipe('weeb')).toThrow(expect.objectContaining({ code: 'E_USAGE', hint: 'Did you mean "web"?' }))
    expect(() => findRecipe('toString')).toThrow(expect.objectContaining({ hint: 'There are web, thumb.' }))
    expect(findRecipe('web', { web: { widths: [5] } }).encodings[0]?.widths).toEqual([5])
  })
})
