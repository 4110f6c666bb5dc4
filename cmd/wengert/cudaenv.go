package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wengert-ml/wengert/internal/cudaenv"
)

type cudaEnvCommand struct {
	Dir string `type:"path" placeholder:"DIR" help:"Where to write the header and the empty library; by default in your cache."`
}

// Run writes what a C compiler needs and prints assignments for a shell.
func (c cudaEnvCommand) Run(s *session) error {
	dir := c.Dir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("%w; give a folder by --dir", err)
		}
		dir = filepath.Join(cache, "wengert", "cuda")
	}
	env, err := cudaenv.Write(dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "export CGO_ENABLED=1\nexport CGO_CFLAGS='%s'\nexport CGO_LDFLAGS='%s'\n", env.CFlags, env.LDFlags)
	return err
}
