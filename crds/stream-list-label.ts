/** Label of ConfigMaps that hold lists of streams; its value is `"true"`. Only these are read. */
export const streamListLabel = 'streammonitor.dev/streams';
