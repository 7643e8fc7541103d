/** What a source may call a language, or several of one track: `de`, `deu`, `deu,eng`. Others are no such tags. */
const shownPattern = /^[A-Za-z0-9,-]{2,35}$/;

/** A source's tag where it can be shown to a person. */
export function shownLanguage(tag: string | undefined): string | undefined {
  return tag !== undefined && tag !== 'und' && shownPattern.test(tag) ? tag : undefined;
}

/**
 * How well a source's tag fits the language that is asked for: 2 for the same, 1 for a kind of it (`de-AT` where `de` is
 * asked for; RFC 4647 §3.3.1), 0 for another. Codes of ISO 639-2, as transport streams have them, are the same as
 * those of ISO 639-1: `ger` and `deu` are `de`.
 */
export function languageFit(wanted: string, tag: string | undefined): 0 | 1 | 2 {
  const asked = canonical(wanted);
  const fits = (tag ?? '').split(',').map((each) => {
    const found = canonical(each);
    if (found === asked) return 2;
    return found?.startsWith(`${asked}-`) ? 1 : 0;
  });
  return Math.max(...fits) as 0 | 1 | 2;
}

/** BCP 47 with the shortest code of the language (CLDR's aliases); `undefined` for what is no tag. */
function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]?.toLowerCase();
  } catch {
    return undefined;
  }
}
