type Deed = () => unknown

const deeds: Readonly<Record<'test' | 'file', Deed[]>> = { test: [], file: [] }

/**
 * What a helper does after each test or each test file. It says so once, when it is loaded: files share a process and
 * what is loaded there, and a hook of vitest would be that of the file alone which loads the helper first.
 */
export function after(each: 'test' | 'file', deed: Deed): void {
  deeds[each].push(deed)
}

export async function tidy(each: 'test' | 'file'): Promise<void> {
  for (const deed of deeds[each]) await deed()
}
