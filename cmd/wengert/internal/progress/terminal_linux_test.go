package progress

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal opens a pseudo terminal with lines of width characters. What is
// written to tty is read from screen.
func terminal(t *testing.T, width uint16) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo terminals here:", err)
	}
	t.Cleanup(func() { screen.Close() })
	fd := int(screen.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: width}))
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { tty.Close() })
	return screen, tty
}

func TestDrawsOnTerminal(t *testing.T) {
	for _, width := range []uint16{80, 50, 30, 12} {
		t.Run(fmt.Sprintf("width=%d", width), func(t *testing.T) {
			screen, tty := terminal(t, width)
			bar := New(tty, 1000, "epoch 2/3")
			for range 100 { // within a moment: most are not drawn
				bar.Step(10, 0.25)
			}
			bar.Step(10, 0.25) // more than announced
			bar.Done()
			fmt.Fprint(tty, "epoch 2: loss 0.25\n")

			buf := make([]byte, 1<<16)
			screen.SetReadDeadline(time.Now().Add(5 * time.Second))
			got := ""
			for !strings.Contains(got, "\n") {
				n, err := screen.Read(buf)
				require.NoError(t, err)
				got += string(buf[:n])
			}
			const after = "epoch 2: loss 0.25\r\n"
			assert.True(t, strings.HasSuffix(got, "\r"+strings.Repeat(" ", int(width)-1)+"\r"+after), "got %q", got)
			drawn := strings.Split(strings.TrimSuffix(got, after), "\r")
			last := ""
			for _, line := range drawn {
				line, _, _ = strings.Cut(line, "\033[0K")
				assert.LessOrEqual(t, len([]rune(line)), int(width), "%q wraps", line)
				if strings.Contains(line, "100%") {
					last = line
				}
			}
			assert.NotEmpty(t, last, "the full bar in %q", got)
			if width == 80 {
				assert.Contains(t, last, "epoch 2/3  loss 0.2500  ")
				assert.Contains(t, last, " samples/s")
				assert.Contains(t, last, "██")
			}
			assert.Less(t, len(drawn), 20, "drawn too often: %q", got)
		})
	}
}

func TestEmptyEpochDrawsNothing(t *testing.T) {
	screen, tty := terminal(t, 80)
	bar := New(tty, 0, "epoch 1/3")
	bar.Step(1, 0.5)
	bar.Done()
	fmt.Fprint(tty, "end\n")
	buf := make([]byte, 100)
	n, err := screen.Read(buf)
	require.NoError(t, err)
	assert.Equal(t, "end\r\n", string(buf[:n]))
}
