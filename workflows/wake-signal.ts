/** Tells a sleeping workflow to look again: its clock has come, or its due moment has moved. */
export const WAKE_SIGNAL = 'wake';
