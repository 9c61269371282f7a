interface Restriction {
  selector: string;
  message: string;
}

export const deterministic: Restriction[];
export const bareYield: Restriction[];
export const races: Restriction[];
export const ambientGlobals: { name: string; message: string }[];
