//go:build cuda && linux

// The driver's functions under their own names, for gorgonia.org/cu, each a jump to
// where the library has it. cuInit, which cu calls while Go's packages are initialised,
// looks for the library; it reports success in any case, since cu ends the process
// otherwise, and cuDeviceGetCount then says what is wrong.

#include <stddef.h>

#include "library.h"

// What cu calls, apart from those two.
#define FUNCTIONS(X) \
	X(cuArray3DCreate_v2) X(cuArray3DGetDescriptor_v2) X(cuArrayCreate_v2) X(cuArrayDestroy) \
	X(cuArrayGetDescriptor_v2) X(cuCtxCreate_v2) X(cuCtxDestroy_v2) X(cuCtxDisablePeerAccess) \
	X(cuCtxEnablePeerAccess) X(cuCtxGetApiVersion) X(cuCtxGetCacheConfig) X(cuCtxGetCurrent) \
	X(cuCtxGetDevice) X(cuCtxGetFlags) X(cuCtxGetLimit) X(cuCtxGetSharedMemConfig) \
	X(cuCtxGetStreamPriorityRange) X(cuCtxPopCurrent_v2) X(cuCtxPushCurrent_v2) \
	X(cuCtxResetPersistingL2Cache) X(cuCtxSetCacheConfig) X(cuCtxSetCurrent) X(cuCtxSetLimit) \
	X(cuCtxSetSharedMemConfig) X(cuCtxSynchronize) X(cuDeviceCanAccessPeer) X(cuDeviceGet) \
	X(cuDeviceGetAttribute) X(cuDeviceGetName) X(cuDeviceGetP2PAttribute) X(cuDeviceGetUuid) \
	X(cuDevicePrimaryCtxGetState) X(cuDevicePrimaryCtxRelease_v2) X(cuDevicePrimaryCtxReset_v2) \
	X(cuDevicePrimaryCtxRetain) X(cuDevicePrimaryCtxSetFlags_v2) X(cuDeviceTotalMem_v2) \
	X(cuDriverGetVersion) X(cuEventCreate) X(cuEventDestroy_v2) X(cuEventElapsedTime) \
	X(cuEventQuery) X(cuEventRecord) X(cuEventSynchronize) X(cuFuncGetAttribute) \
	X(cuFuncSetCacheConfig) X(cuFuncSetSharedMemConfig) X(cuGraphAddChildGraphNode) \
	X(cuGraphAddDependencies) X(cuGraphAddEmptyNode) X(cuGraphAddHostNode) X(cuGraphAddKernelNode) \
	X(cuGraphAddKernelNode_v2) X(cuGraphAddMemcpyNode) X(cuGraphAddMemsetNode) X(cuGraphClone) \
	X(cuGraphCreate) X(cuGraphDestroy) X(cuGraphDestroyNode) X(cuGraphExecDestroy) \
	X(cuGraphGetEdges) X(cuLaunchKernel) X(cuLinkAddData_v2) X(cuLinkAddFile_v2) X(cuLinkComplete) \
	X(cuLinkCreate_v2) X(cuLinkDestroy) X(cuMemAdvise) X(cuMemAllocManaged) X(cuMemAllocPitch_v2) \
	X(cuMemAlloc_v2) X(cuMemFreeHost) X(cuMemFree_v2) X(cuMemGetAddressRange_v2) \
	X(cuMemGetInfo_v2) X(cuMemHostGetDevicePointer_v2) X(cuMemPrefetchAsync) X(cuMemcpy) \
	X(cuMemcpy2DAsync_v2) X(cuMemcpy2DUnaligned_v2) X(cuMemcpy2D_v2) X(cuMemcpy3DAsync_v2) \
	X(cuMemcpy3DPeer) X(cuMemcpy3DPeerAsync) X(cuMemcpy3D_v2) X(cuMemcpyAsync) X(cuMemcpyAtoA_v2) \
	X(cuMemcpyAtoD_v2) X(cuMemcpyAtoHAsync_v2) X(cuMemcpyAtoH_v2) X(cuMemcpyDtoA_v2) \
	X(cuMemcpyDtoDAsync_v2) X(cuMemcpyDtoD_v2) X(cuMemcpyDtoHAsync_v2) X(cuMemcpyDtoH_v2) \
	X(cuMemcpyHtoAAsync_v2) X(cuMemcpyHtoA_v2) X(cuMemcpyHtoDAsync_v2) X(cuMemcpyHtoD_v2) \
	X(cuMemcpyPeer) X(cuMemcpyPeerAsync) X(cuMemsetD16Async) X(cuMemsetD16_v2) \
	X(cuMemsetD2D16Async) X(cuMemsetD2D16_v2) X(cuMemsetD2D32Async) X(cuMemsetD2D32_v2) \
	X(cuMemsetD2D8Async) X(cuMemsetD2D8_v2) X(cuMemsetD32Async) X(cuMemsetD32_v2) \
	X(cuMemsetD8Async) X(cuMemsetD8_v2) X(cuModuleGetFunction) X(cuModuleGetGlobal_v2) \
	X(cuModuleGetSurfRef) X(cuModuleGetTexRef) X(cuModuleLoad) X(cuModuleLoadData) \
	X(cuModuleLoadDataEx) X(cuModuleLoadFatBinary) X(cuModuleUnload) \
	X(cuOccupancyMaxActiveBlocksPerMultiprocessor) \
	X(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags) X(cuPointerGetAttribute) \
	X(cuPointerSetAttribute) X(cuStreamAttachMemAsync) X(cuStreamCreate) \
	X(cuStreamCreateWithPriority) X(cuStreamDestroy_v2) X(cuStreamGetFlags) X(cuStreamGetPriority) \
	X(cuStreamQuery) X(cuStreamSynchronize) X(cuStreamWaitEvent) X(cuStreamWaitValue32) \
	X(cuStreamWaitValue32_v2) X(cuStreamWriteValue32) X(cuStreamWriteValue32_v2) \
	X(cuSurfRefGetArray) X(cuSurfRefSetArray) X(cuTexRefGetAddressMode) X(cuTexRefGetAddress_v2) \
	X(cuTexRefGetArray) X(cuTexRefGetBorderColor) X(cuTexRefGetFilterMode) X(cuTexRefGetFlags) \
	X(cuTexRefGetFormat) X(cuTexRefGetMaxAnisotropy) X(cuTexRefSetAddress2D_v3) \
	X(cuTexRefSetAddressMode) X(cuTexRefSetAddress_v2) X(cuTexRefSetArray) \
	X(cuTexRefSetBorderColor) X(cuTexRefSetFilterMode) X(cuTexRefSetFlags) X(cuTexRefSetFormat) \
	X(cuTexRefSetMaxAnisotropy) X(cuTexRefSetMipmapFilterMode) X(cuTexRefSetMipmapLevelBias) \
	X(cuTexRefSetMipmapLevelClamp)

#define HIDDEN __attribute__((visibility("hidden")))

enum { NO_DEVICE = 100, NOT_SUPPORTED = 801 };

static int missing(void) { return NOT_SUPPORTED; }

#if defined(__x86_64__)
#define JUMP(target) "\tjmp *" #target "(%rip)\n"
#elif defined(__aarch64__)
#define JUMP(target) "\tadrp x16, " #target "\n\tldr x16, [x16, :lo12:" #target "]\n\tbr x16\n"
#else
#error "CUDA runs on amd64 and arm64"
#endif

#define TRAMPOLINE(name)                                                      \
	HIDDEN void *target_##name = (void *)missing;                               \
	__asm__(".text\n\t.globl " #name "\n\t.hidden " #name "\n\t.type " #name   \
	        ", %function\n" #name ":\n" JUMP(target_##name) "\t.size " #name     \
	        ", .-" #name "\n");
FUNCTIONS(TRAMPOLINE)

static const char *why = "cuInit was not called";
static int status = NO_DEVICE; // of the driver's own cuInit
static int (*count)(int *);

static void load(void) {
	void *library = wengert_library_open(LIBRARY_CUDA, &why);
	if (library == NULL) return;
	int (*init)(unsigned) = (int (*)(unsigned))wengert_library_function(library, "cuInit");
	count = (int (*)(int *))wengert_library_function(library, "cuDeviceGetCount");
	if (init == NULL || count == NULL) {
		why = "libcuda.so.1 has no cuInit";
		return;
	}
#define FIND(name)                                                    \
	{                                                                   \
		void *found = wengert_library_function(library, #name);           \
		if (found != NULL) target_##name = found;                         \
	}
	FUNCTIONS(FIND)
	why = NULL;
	status = init(0);
}

HIDDEN int cuInit(unsigned flags) {
	(void)flags;
	if (count == NULL) load();
	return 0;
}

HIDDEN int cuDeviceGetCount(int *n) {
	*n = 0;
	return status != 0 ? status : count(n);
}

HIDDEN const char *wengert_cuda_missing(void) { return why; }
