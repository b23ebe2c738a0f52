/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>

#include "dmabuf/modifier.h"

/* Modifiers that libdrm names only in versions later than the oldest that is supported. */
#ifndef I915_FORMAT_MOD_4_TILED
#define I915_FORMAT_MOD_4_TILED fourcc_mod_code(INTEL, 9)
#endif
#ifndef I915_FORMAT_MOD_4_TILED_MTL_RC_CCS
#define I915_FORMAT_MOD_4_TILED_MTL_RC_CCS fourcc_mod_code(INTEL, 13)
#endif
#ifndef I915_FORMAT_MOD_4_TILED_MTL_MC_CCS
#define I915_FORMAT_MOD_4_TILED_MTL_MC_CCS fourcc_mod_code(INTEL, 14)
#endif
#ifndef I915_FORMAT_MOD_4_TILED_MTL_RC_CCS_CC
#define I915_FORMAT_MOD_4_TILED_MTL_RC_CCS_CC fourcc_mod_code(INTEL, 15)
#endif
#ifndef AMD_FMT_MOD_TILE_VER_GFX12
#define AMD_FMT_MOD_TILE_VER_GFX12 5
#endif

/* The compression type of DRM_FORMAT_MOD_NVIDIA_BLOCK_LINEAR_2D: bits 25:23. */
#define NVIDIA_COMPRESSION_SHIFT 23
#define NVIDIA_COMPRESSION_MASK 0x7

static bool intel_tells_all(uint64_t modifier)
{
	switch (modifier) {
	case I915_FORMAT_MOD_X_TILED:
	case I915_FORMAT_MOD_Y_TILED:
	case I915_FORMAT_MOD_Yf_TILED:
	case I915_FORMAT_MOD_4_TILED:
	/* These have their compression state and clear colour in planes of their own. */
	case I915_FORMAT_MOD_Y_TILED_CCS:
	case I915_FORMAT_MOD_Yf_TILED_CCS:
	case I915_FORMAT_MOD_Y_TILED_GEN12_RC_CCS:
	case I915_FORMAT_MOD_Y_TILED_GEN12_MC_CCS:
	case I915_FORMAT_MOD_Y_TILED_GEN12_RC_CCS_CC:
	case I915_FORMAT_MOD_4_TILED_MTL_RC_CCS:
	case I915_FORMAT_MOD_4_TILED_MTL_MC_CCS:
	case I915_FORMAT_MOD_4_TILED_MTL_RC_CCS_CC:
		return true;
	default:
		return false;
	}
}

bool wltex_modifier_bytes_tell_all(uint64_t modifier)
{
	/* Implicit: the owner's driver chose the layout for sharing without a word. */
	if (modifier == DRM_FORMAT_MOD_LINEAR || modifier == DRM_FORMAT_MOD_INVALID)
		return true;
	switch (modifier >> 56) {
	case DRM_FORMAT_MOD_VENDOR_INTEL:
		return intel_tells_all(modifier);
	case DRM_FORMAT_MOD_VENDOR_AMD:
		/* Until GFX11 the DCC state is a plane; since GFX12 it is hidden. */
		return !AMD_FMT_MOD_GET(DCC, modifier) ||
		       AMD_FMT_MOD_GET(TILE_VERSION, modifier) < AMD_FMT_MOD_TILE_VER_GFX12;
	case DRM_FORMAT_MOD_VENDOR_NVIDIA:
		return ((modifier >> NVIDIA_COMPRESSION_SHIFT) & NVIDIA_COMPRESSION_MASK) == 0;
	case DRM_FORMAT_MOD_VENDOR_SAMSUNG:
	case DRM_FORMAT_MOD_VENDOR_QCOM:
	case DRM_FORMAT_MOD_VENDOR_VIVANTE:
	case DRM_FORMAT_MOD_VENDOR_BROADCOM:
	case DRM_FORMAT_MOD_VENDOR_ARM:
	case DRM_FORMAT_MOD_VENDOR_ALLWINNER:
		return true;
	default:
		return false;
	}
}
