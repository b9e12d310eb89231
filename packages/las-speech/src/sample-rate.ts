/** Sample rate of all sound that the network hears. */
export const SAMPLE_RATE_IN_HZ = 16_000;
