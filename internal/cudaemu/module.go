package cudaemu

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// Module is a PTX text loaded in a context.
type Module struct {
	context *Context
	module  *ptx.Module
}

// Function is a kernel of a module.
type Function struct {
	module *Module
	kernel *ptx.Kernel
}

// Load loads a PTX text. One that the emulator does not know wholly is refused with
// [InvalidPTX] and a [*ptx.SyntaxError]; what is no PTX at all, with [InvalidImage].
func (c *Context) Load(text string) (*Module, error) {
	const call = "cuModuleLoadData"
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return nil, err
	}
	if !strings.Contains(text, ".version") {
		return nil, &Error{Call: call, Result: InvalidImage, Detail: errors.New("the image is no PTX")}
	}
	module, err := ptx.Load(&c.device.memory, text)
	if err != nil {
		return nil, &Error{Call: call, Result: InvalidPTX, Detail: err}
	}
	m := &Module{context: c, module: module}
	c.modules[m] = true
	return m, nil
}

// Unload waits for all work and unloads a module.
func (c *Context) Unload(m *Module) error {
	const call = "cuModuleUnload"
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	if !c.modules[m] {
		return &Error{Call: call, Result: InvalidHandle, Detail: errors.New("the module is not loaded in this context")}
	}
	if err := c.drainAll(call); err != nil {
		return err
	}
	m.module.Unload()
	delete(c.modules, m)
	return nil
}

// Function returns a kernel of the module by its name.
func (m *Module) Function(name string) (*Function, error) {
	const call = "cuModuleGetFunction"
	c := m.context
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return nil, err
	}
	k, ok := m.module.Kernels[name]
	if !ok {
		return nil, &Error{Call: call, Result: NotFound, Detail: fmt.Errorf("the module has no kernel %q", name)}
	}
	return &Function{m, k}, nil
}

// Module returns the module that the kernel is of.
func (f *Function) Module() *Module { return f.module }

// Params returns the parameters of the kernel.
func (f *Function) Params() []ptx.Param { return f.kernel.Params }

// Executed returns how many threads have executed each instruction of the module, by
// mnemonic, with 0 for those that none has reached.
func (m *Module) Executed() map[string]uint64 {
	m.context.driver.mu.Lock()
	defer m.context.driver.mu.Unlock()
	return m.module.Executed()
}
