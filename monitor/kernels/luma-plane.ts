/** One 8-bit luma plane in limited range (16 black … 235 white), rows without padding. */
export interface LumaPlane {
  readonly width: number;
  readonly height: number;
  /** `width × height` samples; a view into kernel memory that the next frame overwrites. */
  readonly data: Uint8Array;
}

/** Columns and rows of the tile grid that differences are reported on. */
export const tileColumns = 16;
export const tileRows = 9;

/** What one pass over a reduced plane tells; shared by all detectors. Valid during the step only. */
export interface FrameStatistics {
  /** Mean absolute difference to the previous frame, in luma levels 0 … 255; NaN on an epoch's first frame. */
  readonly difference: number;
  /** The same per tile, row by row, `tileColumns × tileRows` values. */
  readonly tileDifferences: Float32Array;
  /** Mean level. */
  readonly mean: number;
  /** Samples per level, 256 values. */
  readonly histogram: Uint32Array;
}
