// Package atomicfile writes files that are either whole or not there.
//
// A checkpoint that is cut off by Ctrl-C, a full disk or a power failure must
// not replace the good one of the epoch before. So nothing is written in place:
//
//	err := atomicfile.WriteFile("runs/date/best.safetensors", 0o644, func(w io.Writer) error {
//		_, err := file.WriteTo(w)
//		return err
//	})
//
// There is one function, [WriteFile]; read it in atomicfile.go.
package atomicfile
