/** What Grafana has no unit for, said in words behind the number. */
export const cores = 'suffix:cores';
export const perMinute = 'suffix:/min';
export const perSecond = 'suffix:/s';
/** ITU-R BS.1770. */
export const loudness = 'suffix:LUFS';
/** EBU Tech 3342. */
export const loudnessRange = 'suffix:LU';
/** ITU-R BS.1770, Annex 2. */
export const truePeak = 'suffix:dBTP';
