const decimal = /^[1-9][0-9]*$/;

/**
 * Whether `version` is older than `other`. Both belong to one resource of one server, where they are decimal
 * numbers that rise (Kubernetes API conventions, "Resource versions"). Of anything else nothing is known: false.
 */
export function isOlder(version: string | undefined, other: string | undefined): boolean {
  if (version === undefined || other === undefined) return false;
  if (!decimal.test(version) || !decimal.test(other)) return false;
  return version.length === other.length ? version < other : version.length < other.length;
}

/** The later of two versions; the second where they cannot be compared. */
export function later(version: string | undefined, other: string): string {
  return version !== undefined && isOlder(other, version) ? version : other;
}
