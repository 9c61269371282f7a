/** Azure's public regions by their display names: https://learn.microsoft.com/azure/reliability/regions-list, as of November 2026. Azure adds some each year. */
export const listedIn = 'November 2026';

const displayNames = [
  ...[
    'Australia Central',
    'Australia Central 2',
    'Australia East',
    'Australia Southeast',
    'Austria East',
    'Belgium Central',
    'Brazil South',
  ],
  ...['Brazil Southeast', 'Canada Central', 'Canada East', 'Central India', 'Central US', 'Chile Central', 'Denmark East', 'East Asia'],
  ...['East US', 'East US 2', 'France Central', 'France South', 'Germany North', 'Germany West Central', 'Indonesia Central'],
  ...['Israel Central', 'Italy North', 'Japan East', 'Japan West', 'Jio India Central', 'Jio India West', 'Korea Central', 'Korea South'],
  ...['Malaysia West', 'Mexico Central', 'New Zealand North', 'North Central US', 'North Europe', 'Norway East', 'Norway West'],
  ...['Poland Central', 'Qatar Central', 'South Africa North', 'South Africa West', 'South Central US', 'South India', 'Southeast Asia'],
  ...['Spain Central', 'Sweden Central', 'Sweden South', 'Switzerland North', 'Switzerland West', 'UAE Central', 'UAE North', 'UK South'],
  ...['UK West', 'West Central US', 'West Europe', 'West India', 'West US', 'West US 2', 'West US 3'],
];

/** As Azure writes it, of what the portal shows: westeurope of West Europe, or of (Europe) West Europe. */
export const regionOf = (text: string): string =>
  text
    .replace(/^\s*\([^()]*\)/, '')
    .replace(/\s+/g, '')
    .toLowerCase();

const names = new Set(displayNames.map(regionOf));

export const isKnownRegion = (name: string): boolean => names.has(name);

/** A few of the list that have it in their names: germanynorth and germanywestcentral for germany. */
export const regionsLike = (name: string): string[] => [...names].filter((one) => one.includes(name)).slice(0, 4);

/** Finds any of them in a text, with or without its spaces; the longest first. */
export const anyRegion = displayNames
  .map((name) => name.replaceAll(' ', '\\s*'))
  .sort((a, b) => b.length - a.length)
  .join('|');
