package data

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/wengert-ml/wengert/internal/atomicfile"
)

// ptbMirror is where the book downloads the Penn Treebank from.
const ptbMirror = "https://raw.githubusercontent.com/tomsercu/lstm/master/data/"

// ptbFiles are the Penn Treebank as T. Mikolov prepared it: 929,589 words to train
// on, 73,760 to validate and 82,430 to test, 10,000 different ones, [EOS] at the end
// of each line.
var ptbFiles = [3]struct{ name, sha256 string }{
	{"ptb.train.txt", "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf"},
	{"ptb.valid.txt", "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2"},
	{"ptb.test.txt", "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0"},
}

// ptb returns the paths of the three files: in o.Folder if it holds the first of
// them, otherwise in the cache, to which it downloads those that are missing.
func (o Options) ptb() (paths [3]string, err error) {
	if o.Folder != "" {
		for i, f := range ptbFiles {
			paths[i] = filepath.Join(o.Folder, f.name)
		}
		if _, err := os.Stat(paths[0]); err == nil {
			return paths, nil
		}
	}
	cache, err := o.cache()
	if err != nil {
		return paths, err
	}
	for i, f := range ptbFiles {
		paths[i] = filepath.Join(cache, f.name)
		_, err := os.Stat(paths[i])
		if errors.Is(err, fs.ErrNotExist) {
			err = o.download(f.name, f.sha256, paths[i])
		}
		if err != nil {
			return paths, fmt.Errorf("penn treebank: %w; or put ptb.train.txt, ptb.valid.txt and ptb.test.txt in a data folder and name that", err)
		}
	}
	return paths, nil
}

// cache returns the folder that downloads are kept in.
func (o Options) cache() (string, error) {
	if o.Cache != "" {
		return o.Cache, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder to keep downloads in: %w", err)
	}
	return filepath.Join(dir, "wengert"), nil
}

// download writes the file name of the mirror to path, whole and with the right
// checksum or not at all.
func (o Options) download(name, checksum, path string) error {
	mirror := o.Mirror
	if mirror == "" {
		mirror = ptbMirror
	}
	client := http.Client{Timeout: 5 * time.Minute} // 5 MB
	resp, err := client.Get(mirror + name)
	if err != nil {
		return fmt.Errorf("download: %w", err) // names method and address
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("download %s%s: %s", mirror, name, resp.Status)
	}
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error {
		sum := sha256.New()
		if _, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(resp.Body, 64<<20)); err != nil {
			return fmt.Errorf("download %s%s: %w", mirror, name, err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != checksum {
			return fmt.Errorf("download %s%s: sha256 %s; want %s", mirror, name, got, checksum)
		}
		return nil
	})
}
