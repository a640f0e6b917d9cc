import { useI18n } from 'vue-i18n'
import { ApiError, errorKey } from '@/api/errors'
import { toast } from '@/ui/toasts'

/** Does something that may fail and says so in words; answers whether it went well. */
export function useAttempt(): (deed: () => unknown) => Promise<boolean> {
  const { t } = useI18n()
  return async (deed) => {
    try {
      await deed()
      return true
    } catch (error) {
      const said = error instanceof ApiError && error.status === 422 && error.message !== '' ? error.message : t(errorKey(error))
      toast({ kind: 'error', title: t('common.errors.title'), text: said })
      return false
    }
  }
}
