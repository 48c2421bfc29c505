// Percentiles of what a histogram of the metrics counted, as Prometheus' histogram_quantile() has
// them: within a bucket values are taken to lie evenly.

/**
 * @param {Map<string, number>} buckets upper end ('+Inf' is one) -> how many lie below it
 * @param {number} share 0.99: the value that 99 of 100 do not exceed
 * @returns {number | null} null: nothing was counted; the longest end where it lies beyond all
 */
export function percentile(buckets, share) {
  const rows = [...buckets].map(([end, count]) => ({ end: end === '+Inf' ? Infinity : Number(end), count }))
    .sort((one, other) => one.end - other.end);
  const wanted = share * (rows.at(-1)?.count ?? 0);
  if (wanted === 0) return null;
  const at = rows.findIndex(({ count }) => count >= wanted);
  const below = rows[at - 1] ?? { end: 0, count: 0 };
  const { end, count } = rows[at];
  return end === Infinity ? below.end : below.end + (end - below.end) * ((wanted - below.count) / (count - below.count));
}

/** What was counted between two looks; all of it where the appliance has started anew. */
export function grown(now, before) {
  const isAnew = !before || [...now].some(([end, count]) => count < (before.get(end) ?? 0));
  return isAnew ? now : new Map([...now].map(([end, count]) => [end, count - before.get(end)]));
}
