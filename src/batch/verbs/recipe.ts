import { canonicalJson } from '../../images/plan/canonical.ts'
import { findRecipe, type RecipeInput } from '../../images/plan/define-recipe.ts'
import { recipeId } from '../../images/plan/recipe.ts'
import type { BatchRecipe } from './submit.ts'

/**
 * A recipe by its name, as a batch needs it.
 *
 * @param own those of the configuration, beside the presets
 * @throws E_USAGE for a name that nothing has
 */
export function recipeNamed(name: string, own?: Readonly<Record<string, RecipeInput>>): BatchRecipe {
  const recipe = findRecipe(name, own)
  const encodings = recipe.encodings.map(({ format, effort, widths }) => ({ format, effort, widths }))
  return { id: recipeId(recipe), json: canonicalJson(recipe), encodings }
}
