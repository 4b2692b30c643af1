const DAY_MS = 86_400_000;

/** DateAndTime (RFC 2579) in UTC, 11 octets, of ms since 1970; the calendar by itself, for a pure core has no Date. */
export function dateAndTime(wallMs: number): Uint8Array {
  const days = Math.floor(wallMs / DAY_MS);
  const inDayMs = wallMs - days * DAY_MS;
  const [year, month, day] = civil(days);
  return Uint8Array.of(
    (year >> 8) & 0xff,
    year & 0xff,
    month,
    day,
    Math.floor(inDayMs / 3_600_000),
    Math.floor(inDayMs / 60_000) % 60,
    Math.floor(inDayMs / 1000) % 60,
    Math.floor(inDayMs / 100) % 10,
    PLUS,
    0,
    0,
  );
}

const PLUS = 0x2b;

/** Days since 1970-01-01 as year, month and day (Hinnant, "chrono-compatible low-level date algorithms"). */
function civil(days: number): readonly [number, number, number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}
