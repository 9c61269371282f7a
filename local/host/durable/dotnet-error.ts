/** An exception of .NET's, as far as histories tell of one. */
export interface DotnetError {
  type: string;
  message: string;
}

export const system = (name: string, message: string): DotnetError => ({ type: `System.${name}`, message });
