//go:build !amd64

package workers

// pause passes n short moments of waiting.
func pause(n uint32) {
	for range n {
	}
}
