/** Whether a file of this name is shown as a table. */
export const isTable = (path: string): boolean => /\.(csv|tsv)$/i.test(path)
