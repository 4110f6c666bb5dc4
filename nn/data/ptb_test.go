package data

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is committed here is not the Penn Treebank, so the checksum is another.
func TestDownload(t *testing.T) {
	const (
		content  = " aer banknote \n"
		checksum = "4016735a7881b4ac87b87c713d3557e2287276f3965da3458f98654422d24d48"
	)
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		w.Write([]byte(content))
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "cache", "ptb.test.txt")
	o := Options{Mirror: server.URL + "/data/"}
	require.NoError(t, o.download("ptb.test.txt", checksum, path))
	assert.Equal(t, "/data/ptb.test.txt", asked)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, content, string(got))
}

func TestCache(t *testing.T) {
	dir, err := Options{Cache: "here"}.cache()
	require.NoError(t, err)
	assert.Equal(t, "here", dir)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("LocalAppData", t.TempDir())
	want, err := os.UserCacheDir()
	require.NoError(t, err)
	dir, err = Options{}.cache()
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(want, "wengert"), dir)
}
