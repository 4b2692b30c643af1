export async function runSimCommand(_args: string[]): Promise<number> { return 0; }
