package dev.backend.codec;

/** How the end of the frames of a layout is known. */
sealed interface Frames extends Framing permits LengthFrames, DelimitedFrames {

	/** Returns this with another bound. */
	Frames withMaxFrameBytes(int maxFrameBytes);

}
